#include "scenarios/trace/output_file.h"

#include <zstd.h>

#include <new>
#include <vector>

namespace vkmembench {

struct OutputFile::Compressor {
  struct Free {
    void operator()(ZSTD_CCtx* ended) const { ZSTD_freeCCtx(ended); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
  std::vector<char> compressed = std::vector<char>(ZSTD_CStreamOutSize());
};

OutputFile::OutputFile(const std::filesystem::path& file) : file_(file) {
  if (file.extension() != ".zst") return;
  compressor_ = std::make_unique<Compressor>();
  if (compressor_->context == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(compressor_->context.get(), ZSTD_c_checksumFlag, 1);
}

OutputFile::~OutputFile() = default;

void OutputFile::compress(std::string_view bytes, bool last) {
  Compressor& c = *compressor_;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{c.compressed.data(), c.compressed.size(), 0};
    const std::size_t left = ZSTD_compressStream2(c.context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) throw std::bad_alloc();  // nothing else can fail
    file_.write({c.compressed.data(), out.pos});
    if (last ? left == 0 : in.pos == in.size) return;
  }
}

void OutputFile::write(std::string_view bytes) {
  if (compressor_) return compress(bytes, false);
  file_.write(bytes);
}

void OutputFile::commit() {
  if (compressor_) compress({}, true);
  file_.commit();
}

void OutputFile::commit_unflushed() {
  if (compressor_) compress({}, true);
  file_.commit_unflushed();
}

}  // namespace vkmembench
