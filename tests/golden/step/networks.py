"""The networks of networks.json: `networks()` gives each once, in order.

A network is (name, source, inputs, arguments, loss).  The source and the inputs are measure.py's (tests/oracle/zoo.py);
no inputs: what the network's library says.  The arguments are the constructor's, those of the configuration for a
transformer: small ones of each architecture.  Loss "hf" is the model's own.
"""
IMAGE = ["3,224,224"]
PIXELS = ["pixel_values=3,224,224"]
TOKENS = ["int64:64"]
PAIR = ["input_ids=int64:64", "labels=int64:32"]

TORCHVISION = [
    (IMAGE, "efficientnet_b0 regnet_y_400mf convnext_tiny swin_t shufflenet_v2_x1_0 mnasnet1_0 alexnet vgg11_bn maxvit_t efficientnet_v2_s "
            "regnet_x_400mf swin_v2_t resnext50_32x4d wide_resnet50_2 squeezenet1_0 mobilenet_v2 vit_b_32 fcn_resnet50 "
            "deeplabv3_mobilenet_v3_large lraspp_mobilenet_v3_large"),
    (["3,299,299"], "inception_v3"),
    (["3,8,112,112"], "r3d_18 r2plus1d_18 mc3_18"),
    (["3,16,224,224"], "s3d mvit_v1_b mvit_v2_s swin3d_t"),
]
TIMM = """
    efficientnet_lite0 mixer_b16_224 resmlp_12_224 poolformer_s12 dla34 repvgg_a2 levit_128s mobilevit_s pvt_v2_b0 edgenext_xx_small
    fastvit_t8 gmlp_s16_224 xcit_nano_12_p16_224 crossvit_9_240 twins_svt_small visformer_tiny convmixer_768_32 cait_xxs24_224
    deit_tiny_patch16_224 deit3_small_patch16_224 beit_base_patch16_224 dm_nfnet_f0 nf_resnet50 ghostnet_100 ghostnetv2_100 hrnet_w18_small
    xception41 tresnet_m coat_tiny volo_d1_224 sequencer2d_s rexnet_100 selecsls42b res2net50_26w_4s skresnet18 seresnet50 legacy_senet154
    dpn68 efficientvit_b0 efficientvit_m0 hiera_tiny_224 convnextv2_atto inception_v4 inception_resnet_v2 mobilenetv4_conv_small
    mobileone_s0 repghostnet_050 tinynet_a regnetz_b16 nest_tiny tnt_s_legacy_patch16_224 convit_tiny pit_ti_224 swinv2_cr_tiny_224
    maxxvit_rmlp_nano_rw_256 coatnet_nano_rw_224 davit_tiny focalnet_tiny_srf inception_next_tiny eca_nfnet_l0 resnest14d cspdarknet53
    vovnet39a botnet26t_256 halonet26t lambda_resnet26t lamhalobotnet50ts_256 bat_resnext26ts gcresnet50t ese_vovnet19b_dw hardcorenas_a
    mambaout_femto starnet_s1 rdnet_tiny vit_small_patch16_224 vit_tiny_r_s16_p8_224 vit_base_patch16_siglip_224 eva02_tiny_patch14_224
    samvit_base_patch16_224 tiny_vit_5m_224 efficientformer_l1 efficientformerv2_s0 mvitv2_tiny nextvit_small repvit_m0_9 resnetv2_50
    gernet_s naflexvit_base_patch16_gap swiftformer_xs shvit_s1 csatv2 flexivit_small vitamin_small_224 sehalonet33ts
    mobilenet_edgetpu_v2_s""".split()

BASE = dict(num_hidden_layers=2, hidden_size=128, num_attention_heads=4, vocab_size=1000)
WIDE = dict(BASE, intermediate_size=256)
SHARED = dict(WIDE, num_key_value_heads=2)
HEADS = dict(SHARED, head_dim=32)
GPT = dict(n_layer=2, n_head=4, n_embd=128, vocab_size=1000)
SEQUENCES = dict(d_model=128, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
                 encoder_ffn_dim=256, decoder_ffn_dim=256, vocab_size=1000)
SPEECH = dict(num_hidden_layers=2, hidden_size=128, intermediate_size=256, num_attention_heads=4, layerdrop=0.0, apply_spec_augment=False,
              conv_dim=[64] * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4)
SPECIAL = dict(pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2)
TRANSFORMERS = [  # class, inputs, loss, arguments
    ("BertForMaskedLM", TOKENS, "hf", WIDE),
    ("GPT2LMHeadModel", TOKENS, "hf", dict(GPT, n_positions=256)),
    ("LlamaForCausalLM", TOKENS, "hf", SHARED),
    ("T5ForConditionalGeneration", PAIR, "hf", dict(d_model=128, d_kv=32, d_ff=256, num_layers=2, num_heads=4, vocab_size=1000,
                                                    decoder_start_token_id=0)),
    ("MistralForCausalLM", TOKENS, "hf", SHARED),
    ("Qwen2ForCausalLM", TOKENS, "hf", SHARED),
    ("OPTForCausalLM", TOKENS, "hf", dict(BASE, ffn_dim=256, word_embed_proj_dim=128)),
    ("BloomForCausalLM", TOKENS, "hf", dict(n_layer=2, hidden_size=128, n_head=4, vocab_size=1000)),
    ("DistilBertForSequenceClassification", TOKENS, "ce", dict(dim=128, hidden_dim=256, n_layers=2, n_heads=4, vocab_size=1000)),
    ("ElectraForMaskedLM", TOKENS, "hf", WIDE),
    ("AlbertForMaskedLM", TOKENS, "hf", dict(WIDE, embedding_size=64)),
    ("RobertaForMaskedLM", TOKENS, "hf", WIDE),
    ("DebertaV2ForMaskedLM", TOKENS, "hf", WIDE),
    ("DebertaForMaskedLM", TOKENS, "hf", WIDE),
    ("FalconForCausalLM", TOKENS, "hf", BASE),
    ("GemmaForCausalLM", TOKENS, "hf", HEADS),
    ("Gemma2ForCausalLM", TOKENS, "hf", HEADS),
    ("Gemma3ForCausalLM", TOKENS, "hf", HEADS),
    ("PhiForCausalLM", TOKENS, "hf", WIDE),
    ("Phi3ForCausalLM", TOKENS, "hf", dict(SHARED, pad_token_id=0)),
    ("Qwen3ForCausalLM", TOKENS, "hf", HEADS),
    ("GPTNeoXForCausalLM", TOKENS, "hf", WIDE),
    ("GPTNeoForCausalLM", TOKENS, "hf", dict(num_layers=2, attention_types=[[["global", "local"], 1]], hidden_size=128, num_heads=4,
                                             vocab_size=1000)),
    ("GPTJForCausalLM", TOKENS, "hf", dict(GPT, rotary_dim=16)),
    ("MambaForCausalLM", TOKENS, "hf", dict(num_hidden_layers=2, hidden_size=128, vocab_size=1000, state_size=8)),
    ("Mamba2ForCausalLM", TOKENS, "hf", dict(num_hidden_layers=2, hidden_size=128, vocab_size=1000, state_size=8, num_heads=8, head_dim=32,
                                             n_groups=1)),
    ("MixtralForCausalLM", TOKENS, "hf", dict(SHARED, num_local_experts=4)),
    ("OlmoForCausalLM", TOKENS, "hf", SHARED),
    ("StableLmForCausalLM", TOKENS, "hf", SHARED),
    ("CohereForCausalLM", TOKENS, "hf", SHARED),
    ("Olmo2ForCausalLM", TOKENS, "hf", SHARED),
    ("GraniteForCausalLM", TOKENS, "hf", SHARED),
    ("BartForConditionalGeneration", PAIR, "hf", dict(SEQUENCES, **SPECIAL)),
    ("WhisperForConditionalGeneration", ["input_features=float32:80,3000", "labels=int64:32"], "hf",
     dict(SEQUENCES, d_model=64, encoder_ffn_dim=128, decoder_ffn_dim=128, pad_token_id=0, bos_token_id=1, eos_token_id=2,
          decoder_start_token_id=3)),
    ("ViTForImageClassification", PIXELS, "ce", dict(num_hidden_layers=2)),
    ("SwinForImageClassification", PIXELS, "ce", dict(drop_path_rate=0.0)),
    ("SegformerForSemanticSegmentation", ["pixel_values=3,128,128"], "ce", dict(drop_path_rate=0.0)),
    ("Wav2Vec2ForSequenceClassification", ["input_values=16000"], "ce", SPEECH),
    ("HubertForSequenceClassification", ["input_values=16000"], "ce", SPEECH),
    ("ConvNextForImageClassification", PIXELS, "ce", {}),
    ("ResNetForImageClassification", PIXELS, "ce", {}),
    ("BeitForImageClassification", PIXELS, "ce", dict(num_hidden_layers=2)),
    ("DPTForSemanticSegmentation", ["pixel_values=3,384,384"], "ce", dict(num_hidden_layers=12, hidden_size=96, num_attention_heads=3,
                                                                          intermediate_size=192)),
    ("MobileBertForMaskedLM", TOKENS, "hf", dict(num_hidden_layers=2, vocab_size=1000)),
    ("SqueezeBertForMaskedLM", TOKENS, "hf", dict(WIDE, embedding_size=128)),
    ("FNetForMaskedLM", TOKENS, "hf", dict(num_hidden_layers=2, hidden_size=128, intermediate_size=256, vocab_size=1000)),
    ("XLNetForSequenceClassification", TOKENS, "ce", dict(d_model=128, n_layer=2, n_head=4, d_inner=256, vocab_size=1000)),
    ("XLMRobertaForMaskedLM", TOKENS, "hf", WIDE),
    ("MPNetForMaskedLM", TOKENS, "hf", WIDE),
    ("ModernBertForMaskedLM", TOKENS, "hf", dict(WIDE, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)),
    ("PegasusForConditionalGeneration", PAIR, "hf", SEQUENCES),
]
WRITTEN = [  # function of written.py, inputs, loss
    ("unet", ["3,64,64"], "ce"), ("lstm", ["int64:32"], "ce"), ("gru_speech", ["32,40"], "ce"), ("generator", ["64,1,1"], "mse"),
    ("encoder", ["32,64"], "ce"), ("tricks", ["3,32,32"], "ce"), ("shared", ["64"], "ce"), ("decoder", ["16,64"], "pow2"),
    ("charcnn", ["int64:64"], "ce"), ("vae", ["784"], "sum"), ("pointnet", ["3,256"], "ce"), ("tcn", ["8,128"], "ce"), ("moe", ["64"], "mse"),
    ("siren", ["2"], "mse"), ("wavenet", ["16,128"], "pow2"), ("conv3d", ["1,8,32,32"], "ce"), ("segnet", ["3,64,64"], "ce"),
    ("attention_pool", ["10,32"], "ce"), ("capsule", ["1,28,28"], "pow2"), ("graph", ["20,16"], "ce"),
]

# Chosen beforehand and recorded once: no rule has been mended with them.
FRESH_TORCHVISION = [(IMAGE, "mobilenet_v3_small efficientnet_b1 regnet_y_800mf squeezenet1_1 convnext_small deeplabv3_resnet50")]
FRESH_TIMM = """
    twins_pcpvt_small mixnet_s fbnetv3_b semnasnet_100 lcnet_050 hgnet_tiny hgnetv2_b0 darknet53 cs3darknet_s resnet26d resnetblur50
    ecaresnet26t seresnext26t_32x4d mobilevitv2_050 sebotnet33ts_256 cspresnet50 vit_relpos_small_patch16_224 gcvit_xxtiny
    deit_tiny_distilled_patch16_224 efficientnetv2_rw_t convnext_atto regnetv_040 fasternet_t0 swin_s3_tiny_224 vit_pwee_patch16_reg1_gap_256
    resnet18""".split()
FRESH_TRANSFORMERS = [
    ("DeiTForImageClassification", PIXELS, "ce", dict(num_hidden_layers=2)),
    ("Dinov2ForImageClassification", PIXELS, "ce", dict(num_hidden_layers=2)),
    ("PoolFormerForImageClassification", PIXELS, "ce", dict(drop_path_rate=0.0)),
    ("RegNetForImageClassification", PIXELS, "ce", {}),
    ("MobileViTForImageClassification", ["pixel_values=3,256,256"], "ce", {}),
    ("CvtForImageClassification", PIXELS, "ce", dict(drop_path_rate=[0.0, 0.0, 0.0])),
    ("LevitForImageClassification", PIXELS, "ce", {}),
    ("ErnieForMaskedLM", TOKENS, "hf", WIDE),
    ("RoFormerForMaskedLM", TOKENS, "hf", WIDE),
    ("ConvBertForMaskedLM", TOKENS, "hf", WIDE),
    ("MegatronBertForMaskedLM", TOKENS, "hf", WIDE),
    ("NystromformerForMaskedLM", TOKENS, "hf", WIDE),
    ("Data2VecTextForMaskedLM", TOKENS, "hf", WIDE),
    ("XGLMForCausalLM", TOKENS, "hf", dict(d_model=128, ffn_dim=256, num_layers=2, attention_heads=4, vocab_size=1000)),
    ("CodeGenForCausalLM", TOKENS, "hf", dict(GPT, rotary_dim=16)),
    ("BioGptForCausalLM", TOKENS, "hf", WIDE),
    ("Starcoder2ForCausalLM", TOKENS, "hf", SHARED),
    ("NemotronForCausalLM", TOKENS, "hf", SHARED),
    ("GlmForCausalLM", TOKENS, "hf", dict(HEADS, pad_token_id=0)),
    ("HeliumForCausalLM", TOKENS, "hf", HEADS),
    ("SmolLM3ForCausalLM", TOKENS, "hf", dict(SHARED, pad_token_id=0, bos_token_id=1, eos_token_id=2)),
    ("PersimmonForCausalLM", TOKENS, "hf", WIDE),
    ("MBartForConditionalGeneration", PAIR, "hf", SEQUENCES),
    ("BlenderbotSmallForConditionalGeneration", PAIR, "hf", SEQUENCES),
    ("ASTForAudioClassification", ["input_values=1024,128"], "ce", dict(num_hidden_layers=2)),
]


def of_torchvision(table):
    for inputs, names in table:
        for name in names.split():
            yield f"torchvision.{name}", f"torchvision:{name}", inputs, {}, "ce"


def of_timm(names):
    for name in names:
        yield f"timm.{name}", f"timm:{name}", None, {}, "ce"


def of_transformers(table):
    for name, inputs, loss, arguments in table:
        yield f"transformers.{name}", f"hf:{name}", inputs, arguments, loss


def networks():
    yield from of_torchvision(TORCHVISION)
    yield from of_timm(TIMM)
    yield from of_transformers(TRANSFORMERS)
    for name, inputs, loss in WRITTEN:
        yield f"written.{name}", f"written.py:{name}", inputs, {}, loss


def fresh():
    yield from of_torchvision(FRESH_TORCHVISION)
    yield from of_timm(FRESH_TIMM)
    yield from of_transformers(FRESH_TRANSFORMERS)
