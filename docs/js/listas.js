/* A box to tick has a name, and its text ticks it too: Markdown puts the two side by side, and nothing joins them. */
for (const item of document.querySelectorAll(".task-list-item")) {
  const label = document.createElement("label");
  label.append(...item.childNodes);
  item.append(label);
}
