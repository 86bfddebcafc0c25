package io.github.jconv.algorithm;

/**
 * The form in which an algorithm reads filters when it is not the one they are given in: packed, turned or transformed. Of constant
 * filters ({@link FilterUse#CONSTANT}) it is made once and kept beside them; otherwise it is part of a run's workspace.
 *
 * @param name   tells this form from every other one of the same tensor: two requests with equal names share what is kept
 * @param length in elements of the filters' type
 */
public record FilterForm(String name, int length) {

    /** Bytes of workspace that a form takes: none when it is kept, or there is none. */
    public static long workspaceBytes(FilterForm form, ConvRequest request) {
        return form == null || request.filters() == FilterUse.CONSTANT ? 0 : form.bytes(request);
    }

    /** Bytes of this form of the request's filters. */
    public long bytes(ConvRequest request) {
        return (long) length * request.dataType().bytes();
    }
}
