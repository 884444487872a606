package io.usageapi.filter;

/** A text that is not a filter. The message names the position and what was expected there. */
public final class FilterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the failure.
   *
   * @param position the position of the first character at fault, counted in characters from 1
   * @param problem what is wrong there and what was expected
   */
  public FilterException(int position, String problem) {
    super("at character " + position + ": " + problem, null, false, false);
  }
}
