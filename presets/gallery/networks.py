"""The networks of the gallery: id, family, name, source, inputs, and the configuration where the default is not the one meant.

A source is one of from_torch.py's; a file is of tests/oracle. An input's shape leaves the batch out.
"""
IMAGE = ["3,224,224"]
TOKENS = ["int64:128"]
LLAMA = {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
         "num_key_value_heads": 8, "vocab_size": 128256}
QWEN = {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
        "num_key_value_heads": 2, "vocab_size": 151936}


def vision(family, *names, inputs=IMAGE):
    return [(name.replace("_", "-"), family, name, f"torchvision:{name}", inputs, {}) for name in names]


def of(identifier, family, name, source, inputs, **configuration):
    return [(identifier, family, name, source, inputs, configuration)]


NETWORKS = (
    vision("AlexNet and VGG", "alexnet", "vgg11", "vgg16_bn", "vgg19")
    + vision("ResNet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2")
    + vision("DenseNet", "densenet121", "densenet201")
    + vision("Inception", "googlenet")
    + vision("Inception", "inception_v3", inputs=["3,299,299"])
    + vision("Mobile", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "shufflenet_v2_x1_0",
             "mnasnet1_0")
    + vision("EfficientNet", "efficientnet_b0")
    + vision("EfficientNet", "efficientnet_b4", inputs=["3,380,380"])
    + vision("EfficientNet", "efficientnet_v2_s", inputs=["3,384,384"])
    + vision("RegNet", "regnet_y_400mf", "regnet_x_8gf", "regnet_y_16gf")
    + vision("ConvNeXt", "convnext_tiny", "convnext_base")
    + vision("Vision transformers", "vit_b_16", "vit_l_16", "swin_t", "swin_b", "swin_v2_t", "maxvit_t")
    + of("deit-small", "Vision transformers", "DeiT small", "timm:deit_small_patch16_224", IMAGE)
    + of("mixer-b16", "Vision transformers", "MLP-Mixer B/16", "timm:mixer_b16_224", IMAGE)
    + of("unet", "Segmentation", "U-Net", "nets.py:unet", ["3,256,256"])
    + vision("Segmentation", "fcn_resnet50", "deeplabv3_resnet50", "lraspp_mobilenet_v3_large", inputs=["3,520,520"])
    + vision("Video", "r3d_18", "r2plus1d_18", "mc3_18", inputs=["3,16,112,112"])
    + vision("Video", "swin3d_t", "mvit_v2_s", inputs=["3,16,224,224"])
    + of("bert-base", "Text", "BERT base, masked words", "transformers:BertForMaskedLM", TOKENS)
    + of("distilbert", "Text", "DistilBERT, classes", "transformers:DistilBertForSequenceClassification", TOKENS)
    + of("roberta-base", "Text", "RoBERTa base, masked words", "transformers:RobertaForMaskedLM", TOKENS)
    + of("gpt2", "Text", "GPT-2", "transformers:GPT2LMHeadModel", ["int64:1024"])
    + of("t5-small", "Text", "T5 small", "transformers:T5ForConditionalGeneration", ["input_ids=int64:512", "decoder_input_ids=int64:128"])
    + of("llama-1b", "Text", "Llama-style, 1 billion", "transformers:LlamaForCausalLM", ["int64:1024"], **LLAMA)
    + of("qwen2-half-b", "Text", "Qwen2-style, half a billion", "transformers:Qwen2ForCausalLM", ["int64:1024"], **QWEN)
    + of("lstm-classifier", "Text", "LSTM classifier", "nets.py:lstm_classifier", TOKENS)
    + of("whisper-tiny", "Audio", "Whisper tiny", "transformers:WhisperForConditionalGeneration",
         ["input_features=80,3000", "decoder_input_ids=int64:128"],
         d_model=384, encoder_layers=4, decoder_layers=4, encoder_attention_heads=6, decoder_attention_heads=6,
         encoder_ffn_dim=1536, decoder_ffn_dim=1536)
    + of("wav2vec2-base", "Audio", "wav2vec 2.0 base", "transformers:Wav2Vec2ForCTC", ["160000"], layerdrop=0.0)
    + of("clip-vit-b-32", "Image and text", "CLIP ViT-B/32", "transformers:CLIPModel", ["input_ids=int64:77", "pixel_values=3,224,224"])
)
