package io.github.jconv.algorithm;

import io.github.jconv.tensor.DataType;

/**
 * The form in which an algorithm reads filters when it is not the one they are given in: packed, turned, transformed, or of another type
 * or layout. Of constant filters ({@link FilterUse#CONSTANT}) it is made once and kept beside them; otherwise it is part of a run's
 * workspace.
 *
 * @param name   tells this form from every other one of the same tensor: two requests with equal names share what is kept
 * @param type   of its elements
 * @param length in elements
 */
public record FilterForm(String name, DataType type, long length) {

    /** A form in fp32. */
    public FilterForm(String name, int length) {
        this(name, DataType.FLOAT32, length);
    }

    /** Bytes of workspace that a form takes: none when it is kept, or there is none. */
    public static long workspaceBytes(FilterForm form, ConvRequest request) {
        return form == null || request.filters() == FilterUse.CONSTANT ? 0 : form.bytes();
    }

    /** Bytes of this form. */
    public long bytes() {
        return length * type.bytes();
    }
}
