// Around the programs of c_program.cpp, what the two frameworks want. Names of their functions are
// used as of Linux 6.12 and of kvm-unit-tests in 2025.
#include <fmt/format.h>

#include "checker/testgen/c_program.hpp"
#include "model/system/printable.hpp"

namespace airlock {
namespace {

std::string opening(const GuestTest& test) {
  return fmt::format(
      "/*\n * {}\n *\n * Controls come first: there the guest sees what bare metal shows, with the "
      "bug or "
      "without.\n * ({}, {}, {})\n */\n",
      printable(test.sentence), printable(test.property), printable(test.model),
      printable(test.fix));
}

std::string text_of(const CVariant& variant) {
  return fmt::format("/*\n * {}\n{} */\n{}\n{}\n{}\n", printable(variant.says), variant.program,
                     variant.line, variant.handler, variant.expected);
}

std::string call(const CVariant& variant) {
  return fmt::format("run({0}_line, {0}_ends, {1}, {0}_handler, {0}_expected, {2}, {3})",
                     variant.name, variant.handler_after, variant.instructions, variant.strays);
}

bool needs_x2apic(const std::string& text) {
  return text.find("EXITS_ECX") != std::string::npos;
}

}  // namespace

std::string write_selftest(const GuestTest& test, std::vector<std::string>& left_out) {
  const std::vector<CVariant> variants = c_variants(test, left_out);
  const std::string common = c_common(test);
  std::string text = "// SPDX-License-Identifier: GPL-2.0-only\n" + opening(test) +
                     "#include \"kvm_util.h\"\n#include \"processor.h\"\n";
  text += needs_x2apic(common) ? "#include \"apic.h\"\n\n" : "\n";
  text += common;
  for (const CVariant& variant : variants) {
    text += text_of(variant);
  }
  text += "static void guest_code(void)\n{\n";
  text += needs_x2apic(common) ? "\tx2apic_enable();\n\n" : "";
  for (const CVariant& variant : variants) {
    text += fmt::format("\t/* {} */\n\tGUEST_ASSERT_EQ({}, 0);\n", printable(variant.says),
                        call(variant));
  }
  return text +
         "\tGUEST_DONE();\n}\n\n"
         "int main(void)\n{\n\tstruct kvm_vcpu *vcpu;\n\tstruct kvm_vm *vm;\n\tstruct ucall uc;\n\n"
         "\tTEST_REQUIRE(host_cpu_is_amd);\n"
         "\tvm = vm_create_with_one_vcpu(&vcpu, guest_code);\n"
         "\tvm_install_exception_handler(vm, DB_VECTOR, handle_db);\n"
         "\tvcpu_run(vcpu);\n"
         "\tswitch (get_ucall(vcpu, &uc)) {\n"
         "\tcase UCALL_DONE:\n\t\tbreak;\n"
         "\tcase UCALL_ABORT:\n\t\tREPORT_GUEST_ASSERT(uc);\n\t\tbreak;\n"
         "\tdefault:\n\t\tTEST_FAIL(\"Unexpected ucall %lu\", (unsigned long)uc.cmd);\n\t}\n"
         "\tkvm_vm_free(vm);\n\treturn 0;\n}\n";
}

std::string write_kvm_unit_test(const GuestTest& test, std::vector<std::string>& left_out) {
  const std::vector<CVariant> variants = c_variants(test, left_out);
  const std::string common = c_common(test);
  std::string text =
      opening(test) + "#include \"libcflat.h\"\n#include \"desc.h\"\n#include \"processor.h\"\n";
  text += needs_x2apic(common) ? "#include \"apic.h\"\n\n" : "\n";
  text += common;
  for (const CVariant& variant : variants) {
    text += text_of(variant);
  }
  text += "int main(void)\n{\n\thandle_exception(DB_VECTOR, handle_db);\n";
  text += needs_x2apic(common) ? "\tif (!enable_x2apic()) {\n\t\treport_skip(\"no "
                                 "x2APIC\");\n\t\treturn report_summary();\n\t}\n"
                               : "";
  for (const CVariant& variant : variants) {
    std::string says = printable(variant.says);
    for (std::size_t at = 0; (at = says.find_first_of("\"\\%", at)) != std::string::npos; at += 2) {
      says.insert(at, says[at] == '%' ? "%" : "\\");
    }
    text += fmt::format("\treport(!{},\n\t       \"{}\");\n", call(variant), says);
  }
  return text + "\treturn report_summary();\n}\n";
}

}  // namespace airlock
