package io.github.jconv.cpu;

import io.github.jconv.tensor.HostTensor;

/**
 * A tensor of a call seen as matrices, one for each image and group: element (i, j) lies at
 * {@code image * perImage + group * perGroup + i * row + j * column}.
 */
record MatrixView(Of of, int perImage, int perGroup, int row, int column) {

    /** The three tensors of an operation. */
    enum Of {
        X, W, Y;

        HostTensor tensor(CpuCall call) {
            return switch (this) {
                case X -> call.x();
                case W -> call.w();
                case Y -> call.y();
            };
        }
    }

    HostTensor tensor(CpuCall call) {
        return of.tensor(call);
    }

    /** Where element (i, j) lies in the tensor's array. */
    int at(CpuCall call, int image, int group, int i, int j) {
        return tensor(call).offset() + image * perImage + group * perGroup + i * row + j * column;
    }

    MatrixView transposed() {
        return new MatrixView(of, perImage, perGroup, column, row);
    }
}
