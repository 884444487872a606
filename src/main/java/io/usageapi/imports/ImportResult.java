package io.usageapi.imports;

import io.usageapi.intake.IntakeResult.RecordError;
import java.util.List;

/**
 * The outcome of an import, once all of it is committed.
 *
 * @param added rows that count from now on
 * @param removed rows that counted before and are taken back
 * @param unchanged rows that counted before and still do
 * @param rejected rows that do not count; {@code errors} names the first of them
 */
public record ImportResult(
    long added, long removed, long unchanged, long rejected, List<RecordError> errors) {}
