/// Text files to windows of token ids.
///
/// *In:* JSON lines, a [dev.lethe.model.data.Tokenizer].
/// *Out:* windows that hold every token once, token shards.
/// *Next:* `lethe data text` writes shards.
/// *To add one:* a format of text is a class beside `JsonlText` that hands documents to a consumer.
package dev.lethe.model.data.text;
