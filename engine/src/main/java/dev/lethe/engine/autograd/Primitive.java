package dev.lethe.engine.autograd;

/// An operation whose backward pass is written in operations, so that it differentiates to any order.
public sealed interface Primitive extends Op
        permits Add,
                Affine,
                Alias,
                Broadcast,
                Cast,
                Divide,
                Exp,
                Gather,
                Log,
                LogSoftmax,
                MatMul,
                Max,
                Multiply,
                Pad,
                Power,
                Reshape,
                ScaledBy,
                ScatterAdd,
                Slice,
                Softmax,
                Subtract,
                Sum,
                Tanh,
                Transpose,
                Where {}
