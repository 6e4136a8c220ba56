//! Settings changed at run time: what they do, and that they outlive the process.

use ottla_conformance::{languages, run_against};
use ottla_testkit::{Node, Target};

#[test]
fn changed_settings_take_effect_and_survive_a_restart() {
    let settings = [("log.retention.check.interval.ms", "300"), ("log.initial.task.delay.ms", "100")];
    let mut node = Node::start_with(Target::from_env(), &settings);
    run_against(node.address(), "settings", 13, &mut languages::java("SettingsSuite"));
    node.stop();
    node.restart();
    run_against(node.address(), "settings kept", 2, &mut languages::java("SettingsKeptSuite"));
}
