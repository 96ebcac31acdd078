/** How the range of an activation map is chosen from what calibration saw. */
export const CALIBRATIONS = ['minmax', 'percentile', 'mse'] as const;
export type Calibration = (typeof CALIBRATIONS)[number];

/** What `--calibration` takes: one of them, or the best of all. */
export const CALIBRATION_CHOICES = ['auto', ...CALIBRATIONS] as const;
