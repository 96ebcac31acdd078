/** The program from its sources, for tests: otolith.ts <arguments of otolith>. */
import { program } from '../../agent/cli/program.ts';

await program(process.argv.slice(2));
