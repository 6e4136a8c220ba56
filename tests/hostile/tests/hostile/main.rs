//! The bad-input table and the limits, one file per group of rows. The names of the tests begin with their rows: `i` for
//! the bad-input table, `b` for known bugs of others.

mod admin;
mod batches;
mod clock;
mod descriptors;
mod fetches;
mod floods;
mod frames;
mod groups;
mod items;
mod names;
mod slow;
mod startup;
