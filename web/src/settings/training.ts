// The settings of the training step, by PyTorch's names. What is PyTorch's default is left out of the run, so that links stay short.
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Diagnostic, OptimizerType, TrainingWords, Word } from "../core/types";
import { capital } from "../format";
import { sign } from "../icons";
import { readNumber, type NumberOrText, type Run, type Training } from "../state/run";
import type { State, Store } from "../state/store";
import { DEFAULT_OPTIMIZER, DEFAULT_PRECISION, optimizersOf } from "../state/training";

/** The settings that stand behind the button. */
export const TRAINING_FIELDS = ["precision", "optimizer", "momentum", "weight_decay", "loss", "checkpoint"] as const;

/** "float32, SGD momentum 0.9" */
export function trainingSummary({ run }: State, words: TrainingWords): string {
  const precision = run.precision ?? DEFAULT_PRECISION;
  const { momentum } = run.optimizer ?? {};
  const parts = [
    words.precision.find(({ word }) => word === precision)?.meaning ?? precision,
    `${optimizerOf(run, words).class}${momentum === undefined ? "" : ` momentum ${momentum}`}`,
    ...(run.loss === undefined ? [] : [`loss ${run.loss}`]),
    ...(run.checkpoint === undefined ? [] : ["checkpointed"]),
  ];
  return parts.join(", ");
}

function optimizerOf({ optimizer }: Run, words: TrainingWords): OptimizerType {
  const name = optimizer?.name ?? DEFAULT_OPTIMIZER;
  return optimizersOf(words).find((known) => known.name === name) ?? { name, class: name, keeps: "", takes: [] };
}

const optionsOf = (words: readonly Word[]) => words.map(({ word, meaning }) => [word, meaning] as const);

export function trainingFields(store: Store, state: State, faultOf: (field: string) => Diagnostic | undefined): TemplateResult {
  const { run } = state;
  const words = store.footprint.catalogue.training;
  const type = optimizerOf(run, words);
  const own = state.model["loss"];
  return html`<div class="training" id="training" role="group" aria-label="Training">
    ${choice({
      id: "precision",
      name: "Precision",
      options: optionsOf(words.precision),
      value: run.precision ?? DEFAULT_PRECISION,
      fault: faultOf("precision"),
      set: (value, label) => set(store, label, { precision: value === DEFAULT_PRECISION ? undefined : value }),
    })}
    ${choice({
      id: "optimizer",
      name: "Optimizer",
      options: optimizersOf(words).map((known) => [known.name, known.class] as const),
      value: type.name,
      fault: faultOf("optimizer"),
      set: (value, label) => set(store, label, { optimizer: value === DEFAULT_OPTIMIZER ? undefined : { name: value } }),
    })}
    ${type.takes.includes("momentum") ? argument(store, run, "momentum", faultOf("momentum")) : nothing}
    ${type.takes.includes("weight_decay") ? argument(store, run, "weight_decay", faultOf("weight_decay")) : nothing}
    ${choice({
      id: "loss",
      name: "Loss",
      options: [["", `the model’s${typeof own === "string" ? `, ${own}` : ", none"}`], ...optionsOf(words.loss)],
      value: run.loss ?? "",
      fault: faultOf("loss"),
      set: (value, label) => set(store, label, { loss: value === "" ? undefined : value }),
    })}
    <label class="field">
      <span class="name">Checkpointed modules</span>
      <input
        class="text shape"
        id="checkpoint"
        placeholder="none"
        title="torch.utils.checkpoint: modules that are computed again in backward, as patterns: layer*.*"
        autocomplete="off"
        spellcheck="false"
        aria-invalid=${faultOf("checkpoint") ? "true" : nothing}
        aria-describedby=${faultOf("checkpoint") ? reasonId("checkpoint") : nothing}
        .value=${(run.checkpoint ?? []).join(", ")}
        @change=${(event: Event) => setCheckpoint(store, (event.target as HTMLInputElement).value)}
      />
    </label>
    ${TRAINING_FIELDS.map((field) => reason(field, faultOf(field)))}
  </div>`;
}

/** Below the fields, so that those keep their places. */
function reason(field: string, fault: Diagnostic | undefined): TemplateResult | typeof nothing {
  if (!fault) return nothing;
  return html`<p class="reason is-over" id=${reasonId(field)}>${sign("does not fit")}<span>${capital(fault.message)}.</span></p>`;
}

function reasonId(field: string): string {
  return `${field}-reason`;
}

interface Choice {
  readonly id: string;
  readonly name: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly value: string;
  readonly fault: Diagnostic | undefined;
  readonly set: (value: string, label: string) => void;
}

function choice({ id, name, options, value, fault, set: choose }: Choice): TemplateResult {
  const textOf = (word: string) => options.find(([known]) => known === word)?.[1] ?? word;
  return html`<div class="field">
    <label class="name" for=${id}>${name}</label>
    <span class="pick">
      <select
        id=${id}
        aria-invalid=${fault ? "true" : nothing}
        aria-describedby=${fault ? reasonId(id) : nothing}
        .value=${live(value)}
        @change=${(event: Event) => {
          const next = (event.target as HTMLSelectElement).value;
          choose(next, `${name} ${textOf(value)} → ${textOf(next)}`);
        }}
      >
        ${options.map(([word, text]) => html`<option value=${word} ?selected=${word === value}>${text}</option>`)}
      </select>
    </span>
  </div>`;
}

function argument(store: Store, run: Run, key: "momentum" | "weight_decay", fault: Diagnostic | undefined): TemplateResult {
  return html`<label class="field">
    <span class="name">${key}</span>
    <input
      class="text shape small"
      id=${key}
      inputmode="decimal"
      autocomplete="off"
      aria-invalid=${fault ? "true" : nothing}
      aria-describedby=${fault ? reasonId(key) : nothing}
      .value=${String(run.optimizer?.[key] ?? 0)}
      @change=${(event: Event) => setArgument(store, run, key, (event.target as HTMLInputElement).value)}
    />
  </label>`;
}

function setArgument(store: Store, run: Run, key: "momentum" | "weight_decay", text: string): void {
  const amount: NumberOrText = text.trim() === "" ? 0 : readNumber(text);
  const { [key]: _, ...others } = run.optimizer ?? { name: DEFAULT_OPTIMIZER };
  const optimizer = { ...others, ...(amount === 0 ? {} : { [key]: amount }) };
  const isDefault = optimizer.name === DEFAULT_OPTIMIZER && Object.keys(optimizer).length === 1;
  set(store, `${key} ${run.optimizer?.[key] ?? 0} → ${amount}`, { optimizer: isDefault ? undefined : optimizer });
}

function setCheckpoint(store: Store, text: string): void {
  const patterns = text.split(/[\s,]+/).filter((pattern) => pattern !== "");
  set(store, patterns.length === 0 ? "No checkpoints" : "Checkpoints", { checkpoint: patterns.length === 0 ? undefined : patterns });
}

/** An undefined setting is taken away. */
function set(store: Store, label: string, change: { readonly [Key in keyof Training]?: Training[Key] | undefined }): void {
  const run = Object.entries({ ...store.state.run, ...change }).filter(([, value]) => value !== undefined);
  store.replaceRun(label, Object.fromEntries(run) as unknown as Run);
}
