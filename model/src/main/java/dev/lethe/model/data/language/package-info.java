/// The embedded English and Korean text and the language miniature made of it.
///
/// *In:* the compressed pages among the resources, whose licence is `NOTICE.md` beside them.
/// *Out:* documents by language and split, training rows by step, validation batches.
/// *Next:* `dev.lethe.model.evaluate.CrossEntropy` judges on the validation batches.
/// *To add one:* a language is a constant of `Language` with its two files.
package dev.lethe.model.data.language;
