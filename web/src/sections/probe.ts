// The probe of the frozen network in numbers, boundary by boundary.
import { level_of } from "../charts/probe";
import type { Architecture, ProbedAuc, ProbedBoundary } from "../data";
import type { Child } from "../dom";
import { count, duration, fixed, interval } from "../format";
import { mean_cell } from "./levels";
import { table } from "./table";

function auc_cell({ auc, interval: bounds }: ProbedAuc): Child {
  return mean_cell(auc, interval(bounds));
}

/** Nothing where the architecture was not probed. */
export function probe_table(architecture: Architecture): Child {
  const { probe } = architecture;
  if (!probe) return null;
  return table<ProbedBoundary>({
    caption:
      `${architecture.title}: the frozen network's features at every boundary, ${probe.scope}; in ${duration(probe.seconds)}`,
    columns: [
      { title: "Output of", cell: ({ below }) => below },
      { title: "Level that tunes above", cell: ({ level }) => level },
      { title: "Features", numeric: true, cell: ({ features }) => count(features) },
      { title: "Penalty", numeric: true, cell: ({ strength }) => strength === null ? "by fold" : String(strength) },
      { title: "Probe, validation AUC", numeric: true, cell: (row) => auc_cell(row.validation) },
      { title: "Probe, test AUC", numeric: true, cell: (row) => auc_cell(row.test) },
      { title: "LogME", numeric: true, cell: ({ logme }) => fixed(logme, 4) },
      {
        title: "Tuned, test AUC",
        numeric: true,
        cell: ({ level }) => fixed(level_of(architecture, level)?.test_auc.mean),
      },
    ],
    rows: probe.boundaries,
  });
}
