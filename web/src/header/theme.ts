// Light, dark, or what the system says. The choice is kept; theme.js puts it back before the page is drawn.
import { html, type TemplateResult } from "lit";

export type Theme = "system" | "light" | "dark";

const KEY = "footprint.theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

export function readTheme(): Theme {
  const set = document.documentElement.dataset["theme"];
  return set === "light" || set === "dark" ? set : "system";
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "system";
}

export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Forbidden storage: the choice lasts as long as the page.
  }
}

export function themeIcon(theme: Theme): TemplateResult {
  const path = {
    system: "M8 2.5v11M8 5l3.8-1.5M8 8l5.4-1M8 11l4.6-.5",
    light: "M8 .8v1M8 14.2v1M.8 8h1M14.2 8h1",
    dark: "M10.5 3.3a4.5 4.5 0 1 0 0 9.4",
  }[theme];
  return html`<svg class="ico" viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r=${theme === "light" ? 3.5 : 5.5}></circle>
    <path d=${path}></path>
  </svg>`;
}
