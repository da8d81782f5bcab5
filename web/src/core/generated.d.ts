// What the Emscripten build puts into src/generated/ (git-ignored, made by `./dev build`).
interface EmscriptenOptions {
  /** Where the .wasm lies: Vite gives it a name with a hash. */
  locateFile?(file: string): string;
  /** The bytes themselves, for Node, which cannot fetch them. */
  wasmBinary?: ArrayBuffer;
  print?(text: string): void;
  printErr?(text: string): void;
}
declare module "*/generated/footprint.mjs" {
  export interface FootprintModule {
    describe(): string;
    estimate(request: string): string;
    explain(request: string, path: string): string;
  }
  export default function createFootprint(options?: EmscriptenOptions): Promise<FootprintModule>;
}
declare module "*/generated/footprint-import.mjs" {
  export interface ImportModule {
    import(text: string, answers: string): string;
  }
  export default function createImporter(options?: EmscriptenOptions): Promise<ImportModule>;
}
declare module "*/generated/footprint-step.mjs" {
  export interface StepModule {
    step(request: string): string;
    explain(request: string, path: string): string;
  }
  export default function createStepper(options?: EmscriptenOptions): Promise<StepModule>;
}
