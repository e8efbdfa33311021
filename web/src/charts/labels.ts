/** Keeps labels on one line apart: each as near to its own place as the others let it. */
export interface Label {
  at: number;
  width: number;
}

/** The centres of labels given in ascending order, none overlapping, all within [0, room]. */
export function spread(labels: readonly Label[], room: number, gap = 8): number[] {
  const centres: number[] = [];
  let free = 0;
  for (const { at, width } of labels) {
    const centre = Math.max(at, free + width / 2);
    centres.push(centre);
    free = centre + width / 2 + gap;
  }
  let limit = room;
  for (let i = labels.length - 1; i >= 0; i--) {
    const width = labels[i]?.width ?? 0;
    const centre = Math.min(centres[i] ?? 0, limit - width / 2);
    centres[i] = centre;
    limit = centre - width / 2 - gap;
  }
  return centres;
}
