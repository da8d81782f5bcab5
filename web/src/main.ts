// Where the page begins: load the core, find the state to start from (a link, the draft, or the first preset), put the page in place of
// the skeleton that index.html shows until then.
import "./app";
import { loadFootprint } from "./core/footprint";
import { fromGallery, PRESETS } from "./presets";
import { reloadOnce } from "./reload";
import { startSession } from "./session";
import { provideStore } from "./state/connect";

// A deploy took away a file that this tab still needs. The draft is in storage, so loading the new page loses nothing.
addEventListener("vite:preloadError", (event) => {
  if (reloadOnce()) event.preventDefault(); // otherwise whoever asked for the file is told
});

const place = document.querySelector("#page");
void start();

/** Not awaited above: parts that are loaded meanwhile, such as a link's network, wait for this module to have run. */
async function start(): Promise<void> {
  try {
    const footprint = await loadFootprint();
    const session = await startSession(footprint, PRESETS, fromGallery);
    provideStore(session.store);
    place?.replaceWith(document.createElement("fp-app"));
  } catch (reason) {
    if (!reloadOnce()) showFailure(reason);
  }
}

function showFailure(reason: unknown): void {
  console.error(reason);
  const status = place?.querySelector("[role=status]");
  if (!status) return;
  const title = document.createElement("b");
  title.textContent = "The calculator could not be loaded. ";
  const why = reason instanceof Error ? reason.message : String(reason);
  status.className = "alert";
  status.replaceChildren(title, `${why} Your draft is kept in this browser; reload the page to try again.`);
  place?.removeAttribute("aria-busy");
}
