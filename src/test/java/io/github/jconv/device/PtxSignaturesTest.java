package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.device.PtxSignatures.Parameter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PtxSignaturesTest {

    @Test
    void readsSizesAndAlignmentsAsNvccWritesThem() {
        String ptx = """
                .version 6.3
                .target sm_75
                .address_size 64
                // .globl im2col
                .visible .entry im2col(
                	.param .align 8 .b8 im2col_param_0[184],
                	.param .u64 .ptr .global .align 4 im2col_param_1,
                	.param .u64 im2col_param_2, /* , .param .u8 not_there */
                	.param .f32 im2col_param_3,
                	.param .u32 im2col_param_4
                )
                .maxntid 256, 1, 1
                { ret; }
                .visible .entry nothing()
                { ret; }
                .entry bare { ret; }
                """;
        assertEquals(Map.of(
                "im2col", List.of(new Parameter(184, 8), new Parameter(8, 8), new Parameter(8, 8), new Parameter(4, 4),
                        new Parameter(4, 4)),
                "nothing", List.of(), "bare", List.of()), PtxSignatures.of(ptx));
    }

    @Test
    void whatItCannotReadIsAnErrorThatNamesTheKernel() {
        var error = assertThrows(IllegalArgumentException.class,
                () -> PtxSignatures.of(".entry odd(.param .texref odd_param_0) { ret; }"));
        assertEquals("cannot read the parameter '.param .texref odd_param_0' of kernel odd", error.getMessage());
    }
}
