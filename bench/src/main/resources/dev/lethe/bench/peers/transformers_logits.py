"""Logits of a checkpoint by Hugging Face transformers on the CPU in float32:

  transformers_logits.py CHECKPOINT IDS OUT

IDS is a JSON list of rows of token ids; OUT gets the logits as raw little-endian float32.
"""

import json
import sys

import torch
import transformers


def main(checkpoint, ids, out):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        checkpoint, attn_implementation="eager").float().eval()
    with open(ids) as file:
        rows = torch.tensor(json.load(file))
    with torch.no_grad():
        logits = model(input_ids=rows).logits
    logits.float().numpy().astype("<f4").tofile(out)
    print("transformers", transformers.__version__, "torch", torch.__version__)


main(*sys.argv[1:])
