/**
 * Algorithms of libraries that are known to be wrong, by a plain text file: what is listed is not chosen, and can be put to the proof.
 */
package io.github.jconv.algorithm.deny;
