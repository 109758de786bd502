// A figure: one Vega-Lite chart with its caption and buttons to save it. Draws again when the width
// or the colour scheme changes; on paper and in saved files always on white.
import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { Handler } from "vega-tooltip";

import { element, file_name, save_file, type Child } from "./dom";
import { current_theme, kLight, on_theme_change, vega_config, type Theme } from "./theme";

export interface Frame {
  /** Pixels that the chart may take, axes and legends included. */
  width: number;
  theme: Theme;
}

export interface FigureOptions {
  title: string;
  caption: Child[];
  /** The chart in words, for those who cannot see it. */
  description: string;
  spec: (frame: Frame) => TopLevelSpec;
}

const kPaperWidth = 680;
const kExportWidth = 760;
let figures_made = 0;
let study_name = "study";
/** While the page is printed, which resizes it too, charts stay as paper needs them. */
let printing = false;
const drawings: Drawing[] = [];

/** Names the files that figures are saved to. */
export function name_study(name: string): void {
  study_name = name;
}

class Drawing {
  private view: View | null = null;
  private drawn_width = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly options: FigureOptions,
  ) {}

  draw(): void {
    const theme = printing ? kLight : current_theme();
    const width = printing ? kPaperWidth : Math.floor(this.place.clientWidth);
    if (width < 40) return;
    this.drawn_width = width;
    this.view?.finalize();
    try {
      this.view = make_view(this.options, { width, theme }, this.place);
    } catch (error) {
      this.place.replaceChildren(
        element(
          "p",
          { class: "chart-error", role: "alert" },
          `This chart could not be drawn: ${String(error)}`,
        ),
      );
    }
  }

  follow_width(): void {
    new ResizeObserver(() => {
      if (!printing && Math.abs(this.place.clientWidth - this.drawn_width) >= 2) this.draw();
    }).observe(this.place);
  }
}

function make_view(options: FigureOptions, frame: Frame, place?: HTMLElement): View {
  const { spec } = compile(options.spec(frame), { config: vega_config(frame.theme) });
  // Expressions are interpreted instead of compiled, so the page needs no eval.
  const view = new View(parse(spec, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "svg",
    ...(place
      ? { container: place, hover: true, tooltip: new Handler({ theme: frame.theme.name }).call }
      : {}),
  });
  return view.run();
}

async function save(kind: "svg" | "png", options: FigureOptions, name: string): Promise<void> {
  const view = make_view(options, { width: kExportWidth, theme: kLight });
  if (kind === "svg") {
    save_file(`${name}.svg`, new Blob([await view.toSVG()], { type: "image/svg+xml" }));
  } else {
    const canvas = await view.toCanvas(3);
    (canvas as unknown as HTMLCanvasElement).toBlob((image) => {
      if (image) save_file(`${name}.png`, image);
    });
  }
  view.finalize();
}

function save_spec(options: FigureOptions, name: string): void {
  const frame = { width: kExportWidth, theme: kLight };
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: options.description,
    ...options.spec(frame),
    config: vega_config(kLight),
  };
  save_file(
    `${name}.vl.json`,
    new Blob([JSON.stringify(spec, null, 1)], { type: "application/json" }),
  );
}

function button(label: string, hint: string, action: () => void): HTMLElement {
  const made = element("button", { type: "button", title: hint, "aria-label": hint }, label);
  made.addEventListener("click", action);
  return made;
}

/** The figure, not yet drawn: draw_figures() does that once everything is in the document. */
export function figure(options: FigureOptions): HTMLElement {
  const number = ++figures_made;
  const name = file_name(study_name, `figure-${number}`);
  const place = element("div", { class: "chart", role: "img", "aria-label": options.description });
  drawings.push(new Drawing(place, options));
  return element(
    "figure",
    { id: `figure-${number}` },
    place,
    element(
      "figcaption",
      {},
      element("strong", {}, `Figure ${number}. ${options.title} `),
      ...options.caption,
      element(
        "span",
        { class: "actions" },
        button("SVG", `Save figure ${number} as SVG`, () => void save("svg", options, name)),
        button("PNG", `Save figure ${number} as PNG`, () => void save("png", options, name)),
        button("Spec", `Save the Vega-Lite specification of figure ${number} with its data`, () =>
          save_spec(options, name),
        ),
      ),
    ),
  );
}

/** Draws every figure made so far and keeps them fitting. */
export function draw_figures(): void {
  for (const drawing of drawings) {
    drawing.draw();
    drawing.follow_width();
  }
  const draw_all = () => drawings.forEach((drawing) => drawing.draw());
  const print = (begins: boolean) => {
    printing = begins;
    draw_all();
  };
  on_theme_change(draw_all);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
}
