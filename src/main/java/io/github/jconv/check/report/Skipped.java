package io.github.jconv.check.report;

/**
 * Checks that a subject was spared, and why.
 *
 * @param reason  why
 * @param checks  how many
 * @param example one of the problem lines
 */
public record Skipped(String subject, String reason, long checks, String example) {
}
