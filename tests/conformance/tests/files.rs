//! What a broker leaves on disk, read by Kafka's own tools, and opened again by itself.

use ottla_conformance::{languages, run_against};
use ottla_testkit::{Node, Target};

#[test]
fn kafkas_dump_tool_reads_every_file() {
    let mut node = Node::start(Target::from_env());
    run_against(node.address(), "files", 3, &mut languages::java("FilesSuite"));
    node.stop();
    let data = node.data().display().to_string();
    run_against(&data, "dump", 6, &mut languages::java("DumpSuite"));
}
