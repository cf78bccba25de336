import { main } from './main';

// The exit status is set, not enforced: what has been printed is written out first, also into a pipe.
main(process.argv.slice(2)).then(
  status => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 70; // EX_SOFTWARE: a fault of the program itself
  }
);
