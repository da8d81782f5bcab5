// How one row is written in Python: the constructor of a module, the call of a function or tensor method.
import type { AttributeType, Json, JsonObject, LayerType } from "../core/types";
import type { Row } from "../state/model";
import { python, tuple, type Call, type Line, type Piece, type Slot } from "./text";

const OPERATORS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  floor_divide: "//",
  remainder: "%",
  pow: "**",
  matmul: "@",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  bitwise_and: "&",
  bitwise_or: "|",
  bitwise_xor: "^",
};
const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
/** Operators that write into the variable on their left. */
const AUGMENTED = words("add sub mul div");
/** The only ones for which Python takes the sizes one by one. */
const SPREAD = words("view reshape permute expand repeat tile");
/** Methods of tensors; all that are neither here nor in FUNCTIONAL are functions of torch. */
const METHODS = words(
  "view reshape view_as reshape_as flatten unflatten permute transpose swapaxes swapdims t movedim moveaxis squeeze unsqueeze expand broadcast_to expand_as detach diagonal split chunk unbind narrow select repeat tile repeat_interleave roll flip clone contiguous to type_as float double half bfloat16 long int bool masked_fill gather scatter scatter_add index_select index_add sum mean prod amax amin max min argmax argmin all any cumsum cumprod topk sort argsort clamp clamp_min clamp_max sqrt rsqrt exp abs square sigmoid tanh reciprocal sign floor ceil round log sin cos",
);
/** Of torch.nn.functional, as `F`. */
const FUNCTIONAL = words(
  "relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh hardshrink softshrink tanhshrink logsigmoid softplus softsign threshold glu softmax softmin log_softmax gumbel_softmax linear bilinear one_hot conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d batch_norm instance_norm layer_norm rms_norm group_norm local_response_norm normalize max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d fractional_max_pool2d fractional_max_pool3d max_unpool1d max_unpool2d max_unpool3d dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout pad interpolate pixel_shuffle pixel_unshuffle channel_shuffle unfold fold grid_sample affine_grid scaled_dot_product_attention embedding cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div cosine_similarity",
);
/** Functions that write into their input by `inplace=True`; of the others it is the method with a "_". */
const INPLACE_FLAG = words(
  "relu relu6 leaky_relu rrelu elu selu celu silu mish hardswish hardsigmoid hardtanh threshold dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout",
);
/** Functions that are told whether the network trains. */
const TOLD_TRAINING = words("dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout rrelu batch_norm");
/** The dimension stands before the other tensors. */
const DIMENSION_FIRST = words("gather scatter scatter_add index_select index_add");
/** Optional attributes that are usually written without their name. */
const UNNAMED = words("flatten squeeze diagonal tril triu");
/** What a module takes in its call, not in its constructor. */
const OF_THE_CALL = words("need_weights average_attn_weights is_causal");
const OUTPUT_SIZE_IN_CALL = /^(ConvTranspose|MaxUnpool)/;
/** Constructor arguments that are written without their name. */
const POSITIONAL = words(
  "in_channels out_channels in_features out_features in1_features in2_features num_features num_groups num_channels normalized_shape num_embeddings embedding_dim input_size hidden_size embed_dim num_heads output_size upscale_factor downscale_factor groups",
);

export interface Spoken {
  /** The tensors that the row reads by position. */
  readonly inputs: readonly string[];
  /** Those that travel under a name. */
  readonly tensors: ReadonlyMap<string, string>;
  /** Of `{"tensor": name}` in an index, by the name. */
  readonly indexed: ReadonlyMap<string, string>;
  /** The batch, as the code says it: "x.shape[0]". */
  readonly batch: string;
  /** Where new tensors are made: "x.device", or nothing. */
  readonly device: string | null;
  /** The variable that is written to is the first input's. */
  readonly sameVariable: boolean;
}

export function attributesOfCall(op: string, name: string): boolean {
  return (op === "MultiheadAttention" && OF_THE_CALL.has(name)) || (OUTPUT_SIZE_IN_CALL.test(op) && name === "output_size");
}

/** `nn.Conv2d(3, 64, kernel_size=3)`. */
export function construction(row: Row, type: LayerType, resolved: JsonObject, callee: string, prefix: string): Call {
  let positional = true;
  const args = type.attributes
    .filter((attribute) => !attributesOfCall(type.op, attribute.name))
    .map((attribute): Slot => {
      const { name } = attribute;
      const given = row[name] ?? resolved[name];
      const text = type.keywords.includes(name) && typeof given === "string" ? defaultOf(attribute) : written(given, attribute);
      positional &&= POSITIONAL.has(name) && (attribute.required === true || attribute.inferred === true);
      const slot = { name: `${prefix}_${name}`, text };
      return positional ? slot : { ...slot, keyword: name, fallback: defaultOf(attribute) };
    });
  const inplace = type.inplace
    ? [{ name: `${prefix}_inplace`, text: python(row["inplace"] === true), keyword: "inplace", fallback: "False" }]
    : [];
  return { callee, args: [...args, ...inplace] };
}

function written(value: Json | undefined, attribute: AttributeType): string {
  if (value === undefined) return defaultOf(attribute);
  if (attribute.type === "dtype" && typeof value === "string") return `torch.${value}`;
  return python(value);
}

function defaultOf(attribute: AttributeType): string {
  return attribute.default === undefined ? "None" : attribute.type === "dtype" ? "None" : python(attribute.default);
}

/** What stands between the brackets of a module's call. */
export function moduleArguments(row: Row, type: LayerType, spoken: Spoken): Line {
  const [first, ...rest] = spoken.inputs;
  const states = type.op.startsWith("LSTM") && rest.length > 0 ? [tuple(rest)] : rest;
  const tensors = type.keywords
    .filter((name) => spoken.tensors.has(name) && !isParameterName(name))
    .map((name) => `${name}=${spoken.tensors.get(name) ?? ""}`);
  const said = type.attributes
    .filter(({ name }) => attributesOfCall(type.op, name) && row[name] !== undefined)
    .map(({ name }) => `${name}=${sizes(row[name], spoken.batch, tuple)}`);
  return [[...(first === undefined ? [] : [first]), ...states, ...tensors, ...said].join(", ")];
}

/** A tensor under this name takes the place of the module's own parameter. */
export function isParameterName(name: string): boolean {
  return /^(weight|bias)(_ih|_hh)?$/.test(name);
}

/** The expression of a function, or of a statement where it writes into the variable on its left. */
export function functionCall(row: Row, type: LayerType, spoken: Spoken): Line {
  const { op } = type;
  const { inputs } = spoken;
  const [x = "", y = ""] = inputs;
  const inplace = row["inplace"] === true;
  const number = row["other"] ?? row["exponent"];
  const simple = ["alpha", "rounding_mode"].every((name) => row[name] === undefined || row[name] === null || row[name] === 1);
  const operator = OPERATORS[op];
  if (operator !== undefined && simple && op === "pow" && row["input"] !== undefined) {
    const base = constant(row, "input", op);
    // -2 ** x is -(2 ** x).
    return [base.text.startsWith("-") ? { ...base, text: `(${base.text})` } : base, " ** ", x];
  }
  if (operator !== undefined && simple && (y !== "" || number !== undefined)) {
    const other: Piece = y === "" ? constant(row, row["other"] === undefined ? "exponent" : "other", op) : y;
    if (!inplace) return [`${x} ${operator} `, other];
    if (AUGMENTED.has(op) && spoken.sameVariable) return [`${x} ${operator}= `, other];
    return [`${x}.${op}_(`, other, ")"];
  }
  switch (op) {
    case "rsub":
      if (number !== undefined && simple) return [constant(row, "other", op), ` - ${x}`];
      break;
    case "neg":
      if (!inplace) return [`-${x}`];
      break;
    case "getitem":
      return [`${x}[`, ...index(row["index"], spoken), "]"];
    case "setitem":
      return [`${x}[`, ...index(row["index"], spoken), "] = ", y === "" ? python(row["value"]) : y];
    case "constant": {
      const dtype = typeof row["dtype"] === "string" && row["dtype"] !== "float32" ? `, dtype=torch.${row["dtype"]}` : "";
      const device = spoken.device === null || row["device"] === "cpu" ? "" : `, device=${spoken.device}`;
      return ["torch.zeros(", ...sizePieces(row["shape"], spoken.batch, op), `${dtype}${device})`];
    }
    case "where":
      return [
        `torch.where(${[x, row["input"] === undefined ? y : python(row["input"]), row["other"] === undefined ? (inputs[2] ?? y) : python(row["other"])].join(", ")})`,
      ];
    case "einsum":
      return [`torch.einsum(${[python(row["equation"]), ...inputs].join(", ")})`];
    case "cat":
    case "concat":
    case "stack":
      return [`torch.${op}([${inputs.join(", ")}]`, ...argumentPieces(row, type, spoken, []), ")"];
    case "linalg_vector_norm":
      return [`torch.linalg.vector_norm(${x}`, ...argumentPieces(row, type, spoken, []), ")"];
    case "unfold":
      if (row["dimension"] === undefined) break;
      return [`${x}.unfold(${["dimension", "size", "step"].map((name) => python(row[name])).join(", ")})`];
  }
  const flag = inplace && INPLACE_FLAG.has(op);
  const method = (inplace && !flag) || (METHODS.has(op) && !(["max", "min"].includes(op) && inputs.length > 1));
  const home = FUNCTIONAL.has(op) ? "F." : "torch.";
  const head = method ? `${x}.${op}${inplace ? "_" : ""}(` : `${home}${op}(`;
  const tensors = method ? inputs.slice(1) : inputs;
  const training = TOLD_TRAINING.has(op) ? [`training=${row["training"] === undefined ? "self.training" : python(row["training"])}`] : [];
  const named = type.keywords.filter((name) => spoken.tensors.has(name)).map((name) => `${name}=${spoken.tensors.get(name) ?? ""}`);
  const before: Piece[] = [];
  if (DIMENSION_FIRST.has(op)) before.push(constant(row, "dim", op), ...(tensors.length > 0 ? [", ", tensors.join(", ")] : []));
  else before.push(tensors.join(", "));
  const rest = argumentPieces(row, type, spoken, before, DIMENSION_FIRST.has(op) ? ["dim"] : []);
  const last = [...named, ...training, ...(flag ? ["inplace=True"] : [])];
  const comma = last.length > 0 && (before.some((piece) => piece !== "") || rest.length > 0) ? ", " : "";
  return [head, ...before, ...rest, comma + last.join(", "), ")"];
}

/** The attributes of a function after what stands before them, each behind a comma. */
function argumentPieces(row: Row, type: LayerType, spoken: Spoken, before: readonly Piece[], without: readonly string[] = []): Piece[] {
  const pieces: Piece[] = [];
  let empty = before.every((piece) => piece === "") && before.length > 0;
  let positional = true;
  for (const attribute of type.attributes) {
    const { name } = attribute;
    const value = row[name];
    const required = attribute.required === true || UNNAMED.has(type.op) || SPREAD.has(type.op);
    if (value === undefined || without.includes(name) || (type.keywords.includes(name) && typeof value === "string")) {
      positional &&= value !== undefined || without.includes(name);
      continue;
    }
    if (!required && python(value) === python(attribute.default ?? null) && attribute.default !== undefined) {
      positional = false;
      continue;
    }
    positional &&= required;
    pieces.push(empty ? "" : ", ", positional ? "" : `${name}=`);
    empty = false;
    if (SPREAD.has(type.op)) pieces.push(...sizePieces(value, spoken.batch, `${type.op}_${name}`, "bare"));
    else if (type.op === "scaled_dot_product_attention" && name === "dropout_p")
      pieces.push({ name: "dropout_p", text: python(value) }, " if self.training else 0.0");
    else if (attribute.type === "dtype" || name === "memory_format") pieces.push(typeof value === "string" ? `torch.${value}` : "None");
    else pieces.push(...sizePieces(value, spoken.batch, `${type.op}_${name}`));
  }
  return pieces;
}

function constant(row: Row, name: string, op: string): Slot {
  return { name: `${op}_${name}`, text: python(row[name]) };
}

/** A list of sizes, or one value, whose numbers may differ from module to module. */
function sizePieces(value: Json | undefined, batch: string, name: string, brackets: "bare" | "tuple" = "tuple"): Piece[] {
  if (!Array.isArray(value)) return isSize(value) ? [sizes(value, batch, tuple)] : [{ name, text: python(value) }];
  const items = (value as readonly Json[]).map((item): Piece =>
    typeof item === "number" ? { name, text: python(item) } : sizes(item, batch, tuple),
  );
  const joined = items.flatMap((item, at): Piece[] => (at === 0 ? [item] : [", ", item]));
  if (brackets === "bare") return joined.length === 0 ? ["()"] : joined;
  return ["(", ...joined, items.length === 1 ? ",)" : ")"];
}

function isSize(value: Json | undefined): value is { readonly batch?: number; readonly plus?: number } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && ("batch" in value || "plus" in value);
}

/** `x.shape[0] * 2 + 1` for a size that follows the batch. */
function sizes(value: Json | undefined, batch: string, list: (texts: readonly string[]) => string): string {
  if (Array.isArray(value)) return list((value as readonly Json[]).map((item) => sizes(item, batch, list)));
  if (!isSize(value)) return python(value);
  const { batch: times = 0, plus = 0 } = value;
  if (times === 0) return String(plus);
  const product = times === 1 ? batch : `${batch} * ${times}`;
  return plus === 0 ? product : plus > 0 ? `${product} + ${plus}` : `${product} - ${-plus}`;
}

function index(value: Json | undefined, spoken: Spoken): Line {
  if (!Array.isArray(value)) return [python(value)];
  const items = (value as readonly Json[]).map((item): Line => {
    if (item === ":" || item === "...") return [item];
    if (typeof item === "number") return [{ name: "index", text: python(item) }];
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [python(item)];
    const { slice, tensor } = item as { readonly slice?: readonly Json[]; readonly tensor?: string };
    if (tensor !== undefined) return [spoken.indexed.get(tensor) ?? tensor];
    const [start = null, stop = null, step = null] = slice ?? [];
    const end = (bound: Json): Piece =>
      bound === null ? "" : typeof bound === "number" ? { name: "slice", text: python(bound) } : sizes(bound, spoken.batch, tuple);
    return [end(start), ":", end(stop), ...(step === null || step === 1 ? [] : [":", python(step)])];
  });
  if (items.length === 0) return ["()"];
  return items.flatMap((item, at): Line => (at === 0 ? item : [", ", ...item]));
}

/** Whether a size that follows the batch stands anywhere in the row. */
export function followsBatch(value: Json | undefined): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(followsBatch);
  if (typeof value !== "object" || value === null) return false;
  return "batch" in value || Object.values(value).some((item) => followsBatch(item));
}
