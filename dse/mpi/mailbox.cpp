#include "dse/mpi/mailbox.h"

#include <mpi.h>

#include <boost/mpi/exception.hpp>

namespace rebasis::dse {

/// Errors come back as exceptions instead of ending the job.
Mailbox::Mailbox() { MPI_Comm_set_errhandler(world_, MPI_ERRORS_RETURN); }

void Mailbox::send(int to, Tag tag, std::string text) {
  try {
    auto kept = std::make_unique<const std::string>(std::move(text));
    const auto request = world_.isend(to, static_cast<int>(tag), kept->data(), static_cast<int>(kept->size()));
    outgoing_.push_back({std::move(kept), request});
  } catch (const boost::mpi::exception&) {  // its silence will tell
  }
}

bool Mailbox::empty() {
  outgoing_.remove_if([](Outgoing& each) {
    try {
      return each.request.test().has_value();
    } catch (const boost::mpi::exception&) {
      return true;
    }
  });
  return outgoing_.empty();
}

std::optional<Message> Mailbox::receive() {
  (void)empty();
  try {
    const auto status = world_.iprobe();
    if (!status) return std::nullopt;
    Message message{status->source(), static_cast<Tag>(status->tag()), {}};
    message.text.resize(static_cast<std::size_t>(status->count<char>().value_or(0)));
    world_.recv(status->source(), status->tag(), message.text.data(), static_cast<int>(message.text.size()));
    return message;
  } catch (const boost::mpi::exception&) {
    return std::nullopt;
  }
}

}  // namespace rebasis::dse
