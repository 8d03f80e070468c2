"""Train a small MarianMT from configuration on bitext: the translate-test rival on equal data.

Reads TSV pairs (English, foreign) and writes a folder that `optical translate --model` loads. It
translates from the foreign side into English. Everything is learned from these pairs alone, the
vocabulary included, so what it does is not what a translation model trained on millions does.
Interrupted, the same call goes on after the last epoch that it finished.

    python recipes/mt-baseline.py --bitext train.tsv --dev dev.tsv --output marian
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import sentencepiece
import torch
from transformers import (
    DataCollatorForSeq2Seq,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

from optical_cli.encoders.backbone import quiet_transformers
from optical_cli.encoders.devices import choose_device, has_fast_bfloat16
from optical_cli.formats.manifest import sha256
from optical_cli.formats.outputs import output_directory
from optical_cli.formats.tables import read_table

MAX_TOKENS = 96


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bitext", required=True, help="pairs: English TAB foreign")
    parser.add_argument("--dev", help="pairs for choosing the best epoch, in the same columns")
    parser.add_argument("--output", required=True, type=Path)
    # Few pairs want few pieces and heads, narrow layers, small batches and much dropout (Sennrich
    # and Zhang 2019, Araabi and Monz 2020).
    parser.add_argument("--vocab-size", type=int, default=4000)
    parser.add_argument("--layers", type=int, default=3, help="of encoder and decoder each")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--epochs", type=float, default=10)
    parser.add_argument("--batch-size", type=int, default=32, help="pairs")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=13)
    return parser.parse_args()


def pairs(path: str) -> list[tuple[str, str]]:
    """(foreign, English) of each line."""
    return [(row[1], row[0]) for _, row in read_table(path, at_least=2)]


def tokenizer_of(texts: list[str], size: int) -> MarianTokenizer:
    """One vocabulary for both sides, in Marian's layout: end, unknown, pieces, padding."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{folder}/joint"
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_prefix=prefix, vocab_size=size,
            hard_vocab_limit=False, character_coverage=1.0, minloglevel=2,
        )  # fmt: skip
        model = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
        pieces = [model.id_to_piece(i) for i in range(model.get_piece_size())]
        special = ("</s>", "<unk>", "<s>")
        words = [*special[:2], *(piece for piece in pieces if piece not in special), "<pad>"]
        Path(f"{prefix}.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
        return MarianTokenizer(
            source_spm=f"{prefix}.model", target_spm=f"{prefix}.model", vocab=f"{prefix}.json",
            model_max_length=MAX_TOKENS,
        )  # fmt: skip


def model_of(tokenizer: MarianTokenizer, layers: int, hidden: int) -> MarianMTModel:
    """Random weights; the start of a translation is padding, as in Marian's own models."""
    heads = max(hidden // 128, 1)
    return MarianMTModel(MarianConfig(
        vocab_size=len(tokenizer), d_model=hidden, encoder_layers=layers, decoder_layers=layers,
        encoder_attention_heads=heads, decoder_attention_heads=heads,
        encoder_ffn_dim=2 * hidden, decoder_ffn_dim=2 * hidden, dropout=0.3,
        activation_function="relu",
        max_position_embeddings=2 * MAX_TOKENS, scale_embedding=True,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id, forced_eos_token_id=tokenizer.eos_token_id,
        # A fused attention's backward pass is slow in bfloat16 on a CPU.
        attn_implementation="eager",
    ))  # fmt: skip


def rows(found: list[tuple[str, str]], tokenizer: MarianTokenizer) -> list[dict]:
    """Token ids of each pair."""
    cut = {"truncation": True, "max_length": MAX_TOKENS}
    return [
        {
            "input_ids": tokenizer(foreign, **cut)["input_ids"],
            "labels": tokenizer(text_target=english, **cut)["input_ids"],
        }
        for foreign, english in found
    ]


def begun(folder: Path, wanted: argparse.Namespace) -> str | None:
    """The last checkpoint of an interrupted call, if that wanted the same of the same pairs."""
    files = {name: sha256(Path(name)) for name in (wanted.bitext, wanted.dev) if name}
    settings = json.dumps(vars(wanted) | files, default=str, sort_keys=True)
    noted = folder / "settings.json"
    if noted.is_file() and noted.read_text() == settings:
        return get_last_checkpoint(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    noted.write_text(settings)
    return None


def settings_of(wanted: argparse.Namespace, checkpoints: Path) -> Seq2SeqTrainingArguments:
    """How the Trainer goes about it."""
    device = choose_device("auto")
    return Seq2SeqTrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=wanted.epochs, learning_rate=wanted.lr,
        per_device_train_batch_size=wanted.batch_size, per_device_eval_batch_size=64,
        lr_scheduler_type="inverse_sqrt", warmup_steps=200, label_smoothing_factor=0.1,
        weight_decay=0.01, seed=wanted.seed, train_sampling_strategy="group_by_length",
        bf16=has_fast_bfloat16(device), use_cpu=device.type == "cpu",
        eval_strategy="epoch" if wanted.dev else "no", save_strategy="epoch", save_total_limit=1,
        load_best_model_at_end=bool(wanted.dev), logging_strategy="epoch", report_to="none",
        disable_tqdm=True, dataloader_pin_memory=device.type != "cpu",
    )  # fmt: skip


def main() -> None:
    """Train, and write the model of the best epoch."""
    wanted = arguments()
    set_seed(wanted.seed)
    train = pairs(wanted.bitext)
    tokenizer = tokenizer_of([text for pair in train for text in pair], wanted.vocab_size)
    model = model_of(tokenizer, wanted.layers, wanted.hidden)
    with output_directory(wanted.output, resume=True) as folder, quiet_transformers():
        checkpoints = folder / "checkpoints"
        last = begun(checkpoints, wanted)
        trainer = Seq2SeqTrainer(
            model, settings_of(wanted, checkpoints), train_dataset=rows(train, tokenizer),
            eval_dataset=rows(pairs(wanted.dev), tokenizer) if wanted.dev else None,
            data_collator=DataCollatorForSeq2Seq(tokenizer, model), processing_class=tokenizer,
        )  # fmt: skip
        trainer.train(resume_from_checkpoint=last)
        shutil.rmtree(checkpoints)
        trainer.model.to(torch.float32).save_pretrained(folder)
        tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
