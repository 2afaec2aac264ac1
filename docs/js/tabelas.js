/* A table that is wider than the screen can be moved sideways with the keyboard too. */
window.addEventListener("load", () => {
  const reach = () => {
    for (const frame of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    }
  };
  reach();
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true); // what is folded has no width
});
