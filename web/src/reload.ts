// One reload, not a loop of them: a file that is still missing after it is a fault to tell about.
const KEY = "footprint.reloaded";
const PAUSE_MS = 60_000;

/** Reloads the page unless it has just done so, or could not be loaded again; says whether it does. */
export function reloadOnce(): boolean {
  if (!navigator.onLine) return false;
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < PAUSE_MS) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    return false; // Without storage there is no telling whether it would be the first.
  }
  document.dispatchEvent(new Event("fp-leaving"));
  location.reload();
  return true;
}
