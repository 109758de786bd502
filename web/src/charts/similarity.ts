// Heat map of how far the features after each block are still those of the pretrained network.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture } from "../data";
import { fixed } from "../format";
import { label_angle } from "./depth";

interface Cell {
  level: string;
  block: string;
  cka: number;
  state: "frozen" | "tuned";
  /** Of tuned blocks. */
  text: string;
}

function cells({ blocks, levels }: Architecture): Cell[] {
  return levels.flatMap(({ label, depth, norm_only, similarity }) =>
    similarity.flatMap((cka, b): Cell[] => {
      if (cka === null) return [];
      const frozen = !norm_only && b < blocks.length - depth;
      const shared = { level: label, block: blocks[b]!, cka };
      return [
        frozen
          ? { ...shared, state: "frozen", text: "" }
          : { ...shared, state: "tuned", text: fixed(cka, 2) },
      ];
    }),
  );
}

/** Whether any block of any level was tuned and measured. */
export function has_similarity(architecture: Architecture): boolean {
  return cells(architecture).some(({ state }) => state === "tuned");
}

export function similarity_spec(
  architecture: Architecture,
  { width, theme }: Frame,
): TopLevelSpec {
  const values = cells(architecture);
  const levels = [...new Set(values.map(({ level }) => level))];
  const { blocks } = architecture;
  const label_width = Math.min(130, Math.max(...levels.map((name) => name.length)) * 6.4);
  const cell_width = (width - label_width - 40) / blocks.length;
  const least = Math.min(...values.map(({ cka }) => cka));
  // A scale down to 0 would show small changes as none.
  const low = Math.max(0, Math.min(0.9, Math.floor(least * 10) / 10));
  return {
    data: { values },
    width,
    height: 70 + 28 * levels.length,
    autosize: { type: "fit", contains: "padding" },
    encoding: {
      x: {
        field: "block",
        type: "nominal",
        sort: blocks,
        title: "features after block, bottom to top",
        axis: { domain: false, ticks: false, labelAngle: label_angle(blocks, width - label_width) },
        scale: { domain: blocks, padding: 0.04 },
      },
      y: {
        field: "level",
        type: "nominal",
        sort: levels,
        title: null,
        axis: { domain: false, ticks: false, labelLimit: 130 },
        scale: { domain: levels, padding: 0.04 },
      },
      tooltip: [
        { field: "level" },
        { field: "block" },
        { field: "cka", title: "CKA", format: ".4f" },
        { field: "state" },
      ],
    },
    layer: [
      {
        mark: { type: "rect", cornerRadius: 2 },
        encoding: {
          color: {
            field: "cka",
            type: "quantitative",
            legend: null,
            scale: { domain: [low, 1], range: [theme.ramp[1], theme.ramp[0]], clamp: true },
          },
        },
      },
      ...(cell_width < 30
        ? []
        : [
            {
              mark: { type: "text", fontSize: 11 },
              encoding: {
                text: { field: "text" },
                color: {
                  condition: {
                    test: `datum.cka < ${low + (1 - low) * 0.45}`,
                    value: theme.name === "light" ? "#ffffff" : "#0b0e11",
                  },
                  value: theme.ink,
                },
              },
            },
          ]),
    ],
  } as unknown as TopLevelSpec;
}

export function describe_similarity(architecture: Architecture): string {
  const parts = cells(architecture)
    .filter(({ state }) => state === "tuned")
    .map(({ level, block, text }) => `${level}, ${block}: ${text}`);
  return `Similarity with the pretrained ${architecture.title} after each tuned block. ${parts.join("; ")}.`;
}
