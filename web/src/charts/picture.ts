// A chart as a file of its own: colours and type, which on the page come from style sheets, are written into the copy, and its geometry
// gets the size that it has on the screen.
import { download } from "../share/download";

const SVG = "http://www.w3.org/2000/svg";
/** Everything that the charts' style sheet sets and a picture needs. */
const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "paint-order",
  "vector-effect",
  "font-size",
  "font-weight",
  "font-family",
  "font-variant-numeric",
] as const;
const PNG_SCALE = 2;

export async function savePicture(chart: SVGSVGElement, form: "SVG" | "PNG", name: string, title: string): Promise<void> {
  const { picture, width, height } = pictureOf(chart, title);
  const text = new XMLSerializer().serializeToString(picture);
  if (form === "SVG") {
    download(`${name}.svg`, "image/svg+xml", text);
    return;
  }
  const image = new Image(width * PNG_SCALE, height * PNG_SCALE);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d")?.drawImage(image, 0, 0, image.width, image.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob !== null) download(`${name}.png`, "image/png", blob);
}

function pictureOf(
  chart: SVGSVGElement,
  title: string,
): { readonly picture: SVGSVGElement; readonly width: number; readonly height: number } {
  const box = chart.getBoundingClientRect();
  const room = roomAround(chart);
  const heading = 28;
  const width = Math.ceil(box.width + room.left + room.right);
  const height = Math.ceil(box.height + room.top + room.bottom + heading);

  const inner = chart.cloneNode(true) as SVGSVGElement;
  copyStyles(chart, inner);
  for (const attribute of ["class", "role", "tabindex", "aria-label"]) inner.removeAttribute(attribute);
  set(inner, { x: room.left, y: room.top + heading, width: box.width, height: box.height, overflow: "visible" });

  const style = getComputedStyle(chart);
  const picture = document.createElementNS(SVG, "svg");
  set(picture, { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  const ground = document.createElementNS(SVG, "rect");
  set(ground, { width: "100%", height: "100%", fill: getComputedStyle(document.documentElement).backgroundColor });
  const text = document.createElementNS(SVG, "text");
  set(text, { x: 12, y: 22, fill: style.color, "font-family": style.fontFamily, "font-size": 14, "font-weight": 600 });
  text.textContent = title;
  picture.append(ground, text, inner);
  return { picture, width, height };
}

/** Labels stand outside the chart's own box; the padding of the element around it is their room. */
function roomAround(chart: SVGSVGElement): {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
} {
  const style = getComputedStyle(chart.parentElement ?? chart);
  const px = (value: string) => (Number.isFinite(parseFloat(value)) ? parseFloat(value) : 0);
  return {
    left: Math.max(48, px(style.paddingLeft)),
    right: Math.max(16, px(style.paddingRight)),
    top: Math.max(24, px(style.paddingTop)),
    bottom: Math.max(40, px(style.paddingBottom)),
  };
}

function copyStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value !== "") to.setAttribute(name, value);
  }
  const others = [...to.children];
  for (const [index, child] of [...from.children].entries()) {
    const copy = others[index];
    if (copy === undefined) continue;
    if (getComputedStyle(child).display === "none") copy.remove();
    else copyStyles(child, copy);
  }
}

function set(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) if (name !== "xmlns") element.setAttribute(name, String(value));
}
