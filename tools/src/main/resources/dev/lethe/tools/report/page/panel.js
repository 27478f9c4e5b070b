"use strict";
(function () {
  const data = JSON.parse(document.getElementById("answers-data").textContent);
  const panel = document.getElementById("panel");
  const table = document.getElementById("panel-table");
  const slider = panel.querySelector("input[type=range]");
  const output = panel.querySelector("output");
  const seeds = panel.querySelector("select");
  const wanted = ["filter", "unlearn-maxent", "distill-maxent"];
  const shown = new Set(data.models.filter((model) => wanted.includes(model)));
  if (shown.size === 0) {
    data.models.slice(0, 3).forEach((model) => shown.add(model));
  }
  const last = data.models.filter((model) => model.startsWith("undo-")).pop();
  if (last) {
    shown.add(last);
  }

  function add(parent, tag, text) {
    const element = document.createElement(tag);
    if (text !== undefined) {
      element.textContent = text;
    }
    return parent.appendChild(element);
  }

  data.models.forEach((model) => {
    const label = add(document.getElementById("panel-models"), "label");
    const box = add(label, "input");
    box.type = "checkbox";
    box.checked = shown.has(model);
    box.addEventListener("change", () => {
      if (box.checked) {
        shown.add(model);
      } else {
        shown.delete(model);
      }
      draw();
    });
    label.append(" " + model);
  });
  data.seeds.forEach((seed) => add(seeds, "option", seed));
  document.getElementById("panel-seeds").hidden = data.seeds.length === 1;
  slider.max = data.steps.length - 1;
  slider.addEventListener("input", draw);
  seeds.addEventListener("change", draw);

  function cell(row, prompt, said) {
    if (said === undefined || said === null) {
      add(row, "td", "–");
    } else if (prompt.expected === null) {
      add(row, "td", said);
    } else {
      const right = said === prompt.expected;
      add(row, "td", (right ? "✓ " : "✗ ") + said).className = right ? "right" : "wrong";
    }
  }

  function draw() {
    const step = data.steps[slider.value];
    const runs = data.runs[seeds.value] || {};
    const models = data.models.filter((model) => shown.has(model));
    output.textContent = step;
    slider.setAttribute("aria-valuetext", "attack step " + step);
    table.replaceChildren();
    const head = add(add(table, "thead"), "tr");
    add(head, "th", "prompt").scope = "col";
    models.forEach((model) => {
      const column = add(head, "th", model);
      column.scope = "col";
      const height = runs[model] ? runs[model].heights[step] : undefined;
      add(column, "span", height === undefined ? "" : height).className = "height";
    });
    const body = add(table, "tbody");
    data.prompts.forEach((prompt, index) => {
      const row = add(body, "tr");
      add(row, "th", prompt.text).scope = "row";
      models.forEach((model) => {
        const said = runs[model] ? runs[model].said[step] : undefined;
        cell(row, prompt, said ? said[index] : undefined);
      });
    });
    const rates = models.filter((model) => runs[model]).map((model) => model + " at " + runs[model].rate);
    const judged = data.prompts.some((prompt) => prompt.expected !== null);
    document.getElementById("panel-note").textContent =
      (judged ? "Right answers are marked ✓, wrong ones ✗. " : "") +
      "Below each name: " + data.ability + ". Learning rates of the attack that is shown: " + rates.join(", ") + ".";
  }

  panel.hidden = false;
  document.getElementById("all-answers").hidden = true;
  draw();
})();
