# Read by the scripts beside it: where a JDK is that Lethe runs on.
#
#   . "$root/tools/jdk.sh"; jdk=$(find_jdk)     empty where there is none

# 25.0.0 to 25.0.2 can move pinned objects (JDK-8377811). The vector module still incubates, so
# another feature release may not run what 25 compiled.
is_jdk() {
    [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
    local version
    version=$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$1/release")
    [[ $version =~ ^25\.([0-9]+)(\.([0-9]+))? ]] || return 1
    ((BASH_REMATCH[1] > 0 || ${BASH_REMATCH[3]:-0} >= 3))
}

# The home of the `java` on the path: behind its links, or told by it where it is a script.
home_of_java_on_path() {
    local java home
    java=$(command -v java) || return 1
    home=$(dirname -- "$(dirname -- "$(readlink -f -- "$java" || printf '%s' "$java")")")
    [[ -r $home/release ]] \
        || home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    printf '%s\n' "$home"
}

find_jdk() {
    local home
    if [[ -n ${JAVA_HOME:-} ]] && is_jdk "$JAVA_HOME"; then
        printf '%s\n' "$JAVA_HOME"
        return
    fi
    home=$(home_of_java_on_path) && is_jdk "$home" && printf '%s\n' "$home" && return
    for home in /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* "${HOME:-}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        is_jdk "$home" && printf '%s\n' "$home" && return
    done
    [[ -x /usr/libexec/java_home ]] && home=$(/usr/libexec/java_home -v 25 2>/dev/null) \
        && is_jdk "$home" && printf '%s\n' "$home"
}
