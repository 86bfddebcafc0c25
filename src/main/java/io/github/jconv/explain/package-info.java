/**
 * Explaining a problem to a person: {@link io.github.jconv.explain.Explanation} in words and numbers,
 * {@link io.github.jconv.explain.ConvolutionMatrix} and {@link io.github.jconv.explain.MatrixLesson} as a matrix,
 * {@link io.github.jconv.explain.ConvolutionPicture} cell by cell.
 */
package io.github.jconv.explain;
