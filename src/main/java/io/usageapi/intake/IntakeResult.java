package io.usageapi.intake;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What became of the records of a body, once everything accepted is durable. */
@Schema(description = "What became of the records, once everything accepted is durable.")
public record IntakeResult(
    @Schema(required = true, examples = "998", description = "Records that now count.")
        long accepted,
    @Schema(
            required = true,
            examples = "1",
            description = "Records that counted before, with the same content: a success.")
        long duplicates,
    @Schema(required = true, examples = "1", description = "Records that do not count.")
        long rejected,
    @Schema(
            required = true,
            description =
                "Why records were rejected: the first of them, capped; the counts never are.")
        List<RecordError> errors) {}
