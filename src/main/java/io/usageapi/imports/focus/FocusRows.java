package io.usageapi.imports.focus;

import io.usageapi.intake.format.Entry;
import java.io.IOException;
import java.util.List;

/** The rows of a FOCUS file in one format. */
public sealed interface FocusRows permits FocusCsv, FocusJsonLines {
  /** The entries of the next rows, at most {@code max}; none at the end. */
  List<Entry> next(int max) throws IOException;

  /** The line of the row last read, from 1; after a failure, of the row being read. */
  long line();
}
