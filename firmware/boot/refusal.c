#include "refusal.h"
#include "image.h"

oto_refusal oto_refusal_of(int32_t status) {
    return status < 0 && status > -128 ? (oto_refusal)-status : OTO_REFUSAL_NONE;
}

const char *oto_refusal_text(oto_refusal refusal) {
    switch (refusal) {
    case OTO_REFUSAL_NONE:
        return "";
    case OTO_REFUSAL_REVERTED:
        return "reverted";
    case -OTO_IMAGE_MAGIC:
        return "no-image";
    case -OTO_IMAGE_SIZE:
        return "size";
    case -OTO_IMAGE_TLV:
        return "records";
    case -OTO_IMAGE_HASH:
        return "hash";
    case -OTO_IMAGE_KEY:
        return "key";
    case -OTO_IMAGE_SIGNATURE:
        return "signature";
    case -OTO_IMAGE_BOARD:
        return "board";
    case -OTO_IMAGE_COUNTER:
        return "counter";
    case -OTO_IMAGE_ENTRY:
        return "entry";
    default:
        return "unknown";
    }
}
