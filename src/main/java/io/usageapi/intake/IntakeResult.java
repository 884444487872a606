package io.usageapi.intake;

import java.util.List;

/** What became of the records of a body, once everything accepted is durable. */
public record IntakeResult(
    long accepted, long duplicates, long rejected, List<RecordError> errors) {}
