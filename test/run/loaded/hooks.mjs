// Module hooks that note the address of every module that is imported.
import { appendFileSync } from 'node:fs';

let file;
export const initialize = (data) => {
  file = data.file;
};
export const load = async (url, context, next) => {
  appendFileSync(file, `${url}\n`);
  return next(url, context);
};
