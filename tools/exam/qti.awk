# QTI 1.2 in the form that Canvas writes and imports: one section, an item a question.
function safe(text) { return xml(text) }
function material(html, type) { return "<material><mattext texttype=\"text/" type "\">" xml(html) "</mattext></material>" }
function meta(label, entry) { return "<qtimetadatafield><fieldlabel>" label "</fieldlabel><fieldentry>" entry "</fieldentry></qtimetadatafield>" }
END {
	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	print "<questestinterop xmlns=\"http://www.imsglobal.org/xsd/ims_qtiasiv1p2\">"
	print "<assessment ident=\"exam-" seed "\" title=\"" xml(title) ", seed " seed "\">\n<section ident=\"root_section\">"
	for (i = 1; i <= n; i++) {
		id = name[i] "-" seed
		print "<item ident=\"" id "\" title=\"" xml(title_of[i]) "\">"
		print "<itemmetadata><qtimetadata>" meta("question_type", kind[i] == "number" ? "numerical_question" : "multiple_choice_question") \
			meta("points_possible", points[i]) "</qtimetadata></itemmetadata>"
		print "<presentation>" material(as_html(i), "html")
		if (kind[i] == "number") print "<response_str ident=\"response1\" rcardinality=\"Single\"><render_fib fibtype=\"Decimal\"><response_label ident=\"answer1\"/></render_fib></response_str>"
		else {
			print "<response_lid ident=\"response1\" rcardinality=\"Single\"><render_choice>"
			for (j = 1; j <= options[i]; j++)
				print "<response_label ident=\"" key_of[i, j] "\">" material(coded(option[i, j], "<code>", "</code>"), "html") "</response_label>"
			print "</render_choice></response_lid>"
		}
		print "</presentation>"
		print "<resprocessing><outcomes><decvar maxvalue=\"100\" minvalue=\"0\" varname=\"SCORE\" vartype=\"Decimal\"/></outcomes>"
		condition = "<varequal respident=\"response1\">" answer[i] "</varequal>"
		if (kind[i] == "number") condition = "<or>" condition "<and><vargte respident=\"response1\">" answer[i] - near[i] "</vargte><varlte respident=\"response1\">" answer[i] + near[i] "</varlte></and></or>"
		print "<respcondition continue=\"No\"><conditionvar>" condition "</conditionvar><setvar action=\"Set\" varname=\"SCORE\">100</setvar><displayfeedback feedbacktype=\"Response\" linkrefid=\"general_fb\"/></respcondition></resprocessing>"
		print "<itemfeedback ident=\"general_fb\"><flow_mat>" material("<p>" coded(why[i], "<code>", "</code>") "</p>", "html") "</flow_mat></itemfeedback>"
		print "</item>"
	}
	print "</section>\n</assessment>\n</questestinterop>"
}
