// Texts between the processes of an MPI world, without ever waiting for one that may be gone.
#pragma once

#include <boost/mpi/communicator.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace rebasis::dse {

enum class Tag : int { job = 1, result, beat, cancel, stop };

struct Message {
  int from = 0;
  Tag tag = Tag::beat;
  std::string text;
};

class Mailbox {
 public:
  Mailbox();

  [[nodiscard]] int rank() const { return world_.rank(); }
  [[nodiscard]] int size() const { return world_.size(); }
  /// Returns at once; a text to a process that is gone is lost.
  void send(int to, Tag tag, std::string text = {});
  /// The next message that has arrived.
  [[nodiscard]] std::optional<Message> receive();
  /// Texts on their way out.
  [[nodiscard]] bool empty();

 private:
  struct Outgoing {
    std::unique_ptr<const std::string> text;  // where MPI reads it
    boost::mpi::request request;
  };
  boost::mpi::communicator world_;
  std::list<Outgoing> outgoing_;
};

}  // namespace rebasis::dse
