// Before anything is drawn: the theme that the reader chose last time, so that the page never flashes in the other one.
try {
  const theme = localStorage.getItem("footprint.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; then the system decides.
}
