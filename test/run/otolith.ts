/** The program from its sources, for tests: otolith.ts <arguments of otolith>. */
import { main } from '../../agent/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
