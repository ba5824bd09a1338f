// The parts of Checked that look at who sees an allocation's bytes, and at uses of it.
#include "allocator/oracle/checked.h"

namespace vkmembench {

Expected<std::byte*> Checked::map(const Allocation& allocation) {
  if (is_nothing(allocation)) return strategy_->map(allocation);
  const bool known = with(allocation, "mapped", [&](Asked& asked) {
    if (!is_mappable(asked.use)) return blame_caller("an allocation is mapped that was not asked for as such");
    ++asked.maps;
    return asked.was_mapped = true;
  });
  if (!known) return kForbidden;
  Expected<std::byte*> address = strategy_->map(allocation);
  if (address) {
    const std::byte* base = mappings_.base_of(allocation.memory);
    if (base != nullptr && base + allocation.offset == *address) return address;
    violations_.add(Violation::mapping, base == nullptr
                                            ? "an address is given of memory that is not mapped"
                                            : "the address given is " + std::to_string(*address - base) +
                                                  " bytes into the memory, not " + std::to_string(allocation.offset));
    strategy_->unmap(allocation);
    address = kForbidden;
  }
  (void)with(allocation, "mapped", [](Asked& asked) { return --asked.maps == 0; });
  return address;
}

void Checked::unmap(const Allocation& allocation) {
  const bool mapped = is_nothing(allocation) || with(allocation, "unmapped", [&](Asked& asked) {
                        if (asked.maps == 0) return blame_caller("an allocation is unmapped that is not mapped");
                        --asked.maps;
                        return true;
                      });
  if (mapped) strategy_->unmap(allocation);
}

VkResult Checked::flush(const Allocation& allocation, Offset offset, Bytes size) {
  return synchronize(MappingOracle::Direction::flush, allocation, offset, size);
}
VkResult Checked::invalidate(const Allocation& allocation, Offset offset, Bytes size) {
  return synchronize(MappingOracle::Direction::invalidate, allocation, offset, size);
}

VkResult Checked::synchronize(MappingOracle::Direction direction, const Allocation& allocation, Offset offset,
                              Bytes size) {
  const bool flush = direction == MappingOracle::Direction::flush;
  const auto ask = [&] {
    return flush ? strategy_->flush(allocation, offset, size) : strategy_->invalidate(allocation, offset, size);
  };
  if (is_nothing(allocation)) return ask();
  const bool may = with(allocation, flush ? "flushed" : "invalidated", [&](Asked& asked) {
    if (asked.maps == 0) return blame_caller("an allocation is flushed or invalidated that is not mapped");
    if (offset + size > asked.allocation.charged)
      return blame_caller("bytes up to " + std::to_string(offset + size) + " are flushed or invalidated of " +
                          std::to_string(asked.allocation.charged));
    (flush ? asked.unflushed : asked.not_invalidated).remove(offset, offset + size);
    return true;
  });
  if (!may) return kForbidden;
  const VkMemoryPropertyFlags flags = bindings_.device().info->memory.memoryTypes[allocation.memory_type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0) return ask();
  const MappingOracle::Watch watch(mappings_, direction, allocation.memory, allocation.offset + offset,
                                   allocation.offset + offset + size);
  const VkResult result = ask();
  if (result == VK_SUCCESS && !watch.saw_all())
    violations_.add(Violation::flush, std::string(flush ? "a flush" : "an invalidate") + " of bytes " +
                                          std::to_string(offset) + " to " + std::to_string(offset + size) +
                                          " of an allocation does not reach the device");
  return result;
}

void Checked::touch(const Allocation& allocation) {
  if (is_known(allocation, "touched")) strategy_->touch(allocation);
}

void Checked::has_contents(const Allocation& allocation) {
  const bool known =
      is_nothing(allocation) || with(allocation, "filled", [](Asked& asked) { return asked.has_contents = true; });
  if (known) strategy_->has_contents(allocation);
}

VkResult Checked::mark(const Allocation& allocation) {
  return is_known(allocation, "marked") ? strategy_->mark(allocation) : kForbidden;
}
VkResult Checked::bind(const Allocation& allocation, Bytes size) {
  return is_known(allocation, "bound to a slot") ? strategy_->bind(allocation, size) : kForbidden;
}
VkResult Checked::unbind(const Allocation& allocation) {
  return is_known(allocation, "taken from its slot") ? strategy_->unbind(allocation) : kForbidden;
}

void Checked::host_writes(const Allocation& allocation, Offset offset, Bytes size) {
  (void)with(allocation, "written", [&](Asked& asked) {
    if (asked.maps == 0) return blame_caller("an allocation is written that is not mapped");
    asked.unflushed.add(offset, offset + size);
    return true;
  });
}

void Checked::device_writes(const Allocation& allocation, Offset offset, Bytes size) {
  (void)with(allocation, "copied into", [&](Asked& asked) {
    asked.not_invalidated.add(offset, offset + size);
    asked.unflushed.remove(offset, offset + size);
    return true;
  });
}

bool Checked::host_reads(const Allocation& allocation, Offset offset, Bytes size) {
  return with(allocation, "read", [&](Asked& asked) {
    return !asked.not_invalidated.meets(offset, offset + size) ||
           blame_caller("the host reads what the device wrote without asking for an invalidate");
  });
}

bool Checked::device_reads(const Allocation& allocation, Offset offset, Bytes size) {
  return with(allocation, "copied from", [&](Asked& asked) {
    return !asked.unflushed.meets(offset, offset + size) ||
           blame_caller("the device reads what the host wrote without asking for a flush");
  });
}

VkResult Checked::peek(const Allocation& allocation, Offset offset, Bytes size,
                       const std::function<void(std::span<const std::byte>)>& look) {
  return mappings_.peek(quiet_, allocation.memory, allocation.offset + offset, allocation.offset + offset + size, look);
}

void Checked::contents_differ(const Allocation& allocation, const std::string& text) {
  const bool theirs = with(allocation, "compared", [&](Asked& asked) {
    return asked.has_contents || asked.was_mapped || !asked.moved || !asked.allocation.image ||
           blame_caller(text + "; it moved, and the strategy was not told that it has contents");
  });
  if (theirs) violations_.add(Violation::contents, text);
}

}  // namespace vkmembench
