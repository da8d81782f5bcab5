// The build of the page: one folder of static files that works at any address (base "./"), every asset under a name with a hash.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../dist",
    // Files of earlier builds stay for the tabs that still use them; scripts/prune-assets.mjs takes away the old ones.
    emptyOutDir: false,
    manifest: true,
    target: "es2022",
    // The page's policy has no data: for scripts, styles or the core, so nothing may be folded into its user.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    // Browsers without modulepreload (Safari before 17) load the same files one after the other.
    modulePreload: { polyfill: false },
    // All that the first paint needs is one file, whichever of it later parts need too.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
  server: { fs: { allow: [".."] } },
});
