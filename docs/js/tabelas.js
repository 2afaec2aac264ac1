/* What is wider than its frame can be moved sideways with the keyboard too. What is folded has no width until it opens. */
window.addEventListener("load", () => {
  const frames = new ResizeObserver(entries => {
    for (const { target } of entries) if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  });
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) frames.observe(frame);
});
